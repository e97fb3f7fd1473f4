-- Renews the lease of a process. Answers {since when it has had it without a break, the time of Redis}: a process that finds another
-- beginning than it knew was held for dead meanwhile, or forgotten, also when the answer that said so first never arrived.
--
-- KEYS  1 when each lease ends (sorted set of processes; 0: somebody takes over what that one held), 2 since when each has one (hash)
-- ARGV  1 the process, 2 how long its lease is good
--       All times are in milliseconds, and by the clock of Redis.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if ends == 0 then redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now)) end
return { tonumber(redis.call('HGET', KEYS[2], ARGV[1])), now }
