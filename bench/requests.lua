-- requests.lua - makes wrk send what bench/run.mjs wrote: whole requests from
-- the file of the first argument, divided by a line "%%", each thread in turn
-- from its own place.  Prints one JSON object at the end.

local threads = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "threads.lua")

setup = threads.setup

function init(args)
	requests, n, at = {}, 0, 0
	local f = assert(io.open(args[1], "rb"))
	local text = f:read("*a")
	f:close()
	for r in text:gmatch("(.-)\n%%%%\n") do
		n = n + 1
		requests[n] = r
	end
	at = offset * math.floor(n / 2)
end

function request()
	at = at % n + 1
	return requests[at]
end

function done(summary, latency, _)
	local e = summary.errors
	io.write(string.format('\n@{"requests":%d,"us":%d,"bytes":%d,"connect":%d,"read":%d,"write":%d,' ..
	    '"timeout":%d,"status":%d,"p50_us":%d,"p99_us":%d,"max_us":%d}\n',
	    summary.requests, summary.duration, summary.bytes, e.connect, e.read, e.write, e.timeout, e.status,
	    latency:percentile(50), latency:percentile(99), latency.max))
end
