-- otp.lua - makes wrk sign people in by codes: a request for one, then the
-- code that came back (IDENTITY_DEV_OTP) is tried.  Arguments: the key, how
-- many people there are, behind whom to begin: the last codes of a run are not
-- used, and these people have to wait.  Prints one JSON object at the end.

local threads = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "threads.lua")

setup = threads.setup

function init(args)
	key, n = args[1], tonumber(args[2])
	at = tonumber(args[3]) + offset * math.floor(n / 2)
	codes, first, last = {}, 1, 1
	good, bad = 0, 0
	headers = { ["X-Auth-Service-Key"] = key, ["Content-Type"] = "application/json" }
end

function request()
	local c = codes[first]
	if c then
		codes[first] = nil
		first = first + 1
		return wrk.format("POST", "/auth/otp/verify", headers, c)
	end
	at = at % n + 1
	return wrk.format("POST", "/auth/otp/request", headers, '{"identifier":"seed' .. at .. '@example.net","channel":"sms"}')
end

function response(status, _, body)
	local id, code = body:match('"challenge_id":"([^"]+)".-"dev_code":"(%d+)"')
	if id then
		codes[last] = '{"challenge_id":"' .. id .. '","code":"' .. code .. '"}'
		last = last + 1
	elseif status == 200 then
		good = good + 1
	else
		bad = bad + 1
	end
end

function done(summary, latency, _)
	threads.report("pairs", summary, latency)
end
