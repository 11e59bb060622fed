-- threads.lua - what the scripts for wrk share: which thread is which, and sums
-- over all of them.  Every thread loads it; wrk calls setup() and done() in a
-- state of its own, where the list is complete.

local M = {}
local threads = {}

-- As wrk's setup(): init() of the thread finds its number, from 0, in offset.
function M.setup(thread)
	thread:set("offset", #threads)
	threads[#threads + 1] = thread
end

-- Sum of the global |name| of all threads.
function M.sum(name)
	local n = 0
	for _, t in ipairs(threads) do
		n = n + t:get(name)
	end
	return n
end

-- One JSON object, as bench/kit.mjs reads it: what was good, as |name|, and
-- everything else that happened, as errors.
function M.report(name, summary, latency)
	local e = summary.errors
	io.write(string.format('\n@{"%s":%d,"us":%d,"errors":%d,"p99_us":%d}\n', name, M.sum("good"), summary.duration,
	    e.connect + e.read + e.write + e.timeout + M.sum("bad"), latency:percentile(99)))
end

return M
