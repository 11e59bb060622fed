-- flood.lua - makes wrk ask for sign-ins at a steady rate, whatever is answered.
-- Arguments: the key, how many people there are, the password of them all,
-- milliseconds between two requests of a connection.  Prints one JSON object at the end.

local threads = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "threads.lua")

setup = threads.setup

function init(args)
	headers = { ["X-Auth-Service-Key"] = args[1], ["Content-Type"] = "application/json" }
	n, password, pause = tonumber(args[2]), args[3], tonumber(args[4])
	at = math.random(n)
	good, busy, bad = 0, 0, 0
end

function delay()
	return pause
end

function request()
	at = at % n + 1
	return wrk.format("POST", "/auth/login", headers, '{"identifier":"seed' .. at .. '@example.net","password":"' .. password .. '"}')
end

function response(status)
	if status == 200 then
		good = good + 1
	elseif status == 503 then
		busy = busy + 1
	else
		bad = bad + 1
	end
end

function done(summary)
	io.write(string.format('\n@{"good":%d,"busy":%d,"bad":%d,"us":%d}\n', threads.sum("good"), threads.sum("busy"),
	    threads.sum("bad"), summary.duration))
end
