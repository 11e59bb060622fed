-- otp.lua - makes wrk sign people in by codes: a request for one, then the
-- code that came back (IDENTITY_DEV_OTP) is tried.  Arguments: the key, how
-- many people there are, behind whom to begin: the last codes of a run are not
-- used, and these people have to wait.  Prints one JSON object at the end.

local thread_id = 0
local threads = {}

function setup(thread)
	thread:set("offset", thread_id)
	thread_id = thread_id + 1
	threads[#threads + 1] = thread
end

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
	local pairs_done, wrong = 0, 0
	for _, t in ipairs(threads) do
		pairs_done = pairs_done + t:get("good")
		wrong = wrong + t:get("bad")
	end
	local e = summary.errors
	io.write(string.format('\n@{"pairs":%d,"us":%d,"errors":%d,"p99_us":%d}\n', pairs_done, summary.duration,
	    e.connect + e.read + e.write + e.timeout + wrong, latency:percentile(99)))
end
