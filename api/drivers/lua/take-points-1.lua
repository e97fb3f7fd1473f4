-- Counts for rate-limiter-flexible, in place of its own script, which also counts what it refuses. Answers {taken, milliseconds
-- until the window ends}; taken is more than allowed when it was refused, and then nothing has changed.
--
-- KEYS  1 how many are taken; it expires when the window ends
-- ARGV  1 how many more (less than 0: given back), 2 the length of a window in seconds, 3 how many may be taken in one
local count, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local taken = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
local isFresh = left < 0
if isFresh then left = ARGV[2] * 1000 end

local wanted = math.max(taken + count, 0)
if wanted > most and count > 0 then return { wanted, left } end
if isFresh and count > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', wanted), 'PX', left)
elseif not isFresh then
  redis.call('SET', KEYS[1], string.format('%.0f', wanted), 'KEEPTTL')
end
return { wanted, left }
