-- refresh.lua - makes wrk refresh tokens, at this service or a peer: each answer's
-- refresh token is spent once, later.  Arguments: the path, a file with a
-- refresh token in each line (more of them than connections), "json" or "form",
-- then names and values of headers.  Prints one JSON object at the end.

local threads = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "threads.lua")

setup = threads.setup

function init(args)
	path = args[1]
	headers = {}
	for i = 4, #args, 2 do
		headers[args[i]] = args[i + 1]
	end
	if args[3] == "json" then
		headers["Content-Type"] = "application/json"
		before, after = '{"refresh_token":"', '"}'
	else
		headers["Content-Type"] = "application/x-www-form-urlencoded"
		before, after = "grant_type=refresh_token&refresh_token=", ""
	end
	tokens, first, last = {}, 1, 0
	good, bad = 0, 0
	local at = 0
	for line in io.lines(args[2]) do
		at = at + 1
		if at % 2 == offset % 2 then
			last = last + 1
			tokens[last] = line
		end
	end
end

function request()
	local t = tokens[first]
	tokens[first] = nil
	first = first + 1
	return wrk.format("POST", path, headers, before .. (t or "none-left") .. after)
end

-- A right answer holds an access token and another refresh token.
function response(status, _, body)
	local t = body:match('"refresh_token"%s*:%s*"([^"]+)"')
	if status == 200 and t and body:find('"access_token"', 1, true) then
		good = good + 1
		last = last + 1
		tokens[last] = t
	else
		bad = bad + 1
	end
end

function done(summary, latency, _)
	threads.report("requests", summary, latency)
end
