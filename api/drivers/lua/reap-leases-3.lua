-- Hands claims of dead processes to one that lives, which holds them from then on: each claim once, as all of this happens at once.
-- Answers what it was handed, as {member, claim as it stands now}.
--
-- KEYS  1 when each lease ends (sorted set), 2 since when each process has one (hash),
--       3 where each claim is that this process was handed (set)
-- ARGV  1 the process, 2 not after this: it waited while Redis answered nobody, so others could not speak either,
--       3 how long a claim stands at most from now on, 4 how many claims at once, 5 what the names of sets of others begin with:
--       `<5>held:<process>` and `<5>handed:<process>`, and of claims: `<5>key:<key>`
--       All times are in milliseconds, and by the clock of Redis.
--
-- It works on keys that are only known when it looks, so all of them are on one Redis, not spread over a Redis Cluster.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local orphans = {}
if now > tonumber(ARGV[2]) then return orphans end

-- One that may be dead itself inherits nothing: first it has to renew its lease, and hear that.
local own = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not own or tonumber(own) <= now then return orphans end

local function handOver(dead, member)
  local key, place = string.match(member, '^(%S*) (.*)$')
  local claims = ARGV[5] .. 'key:' .. key
  local claim = redis.call('HGET', claims, place)
  if not claim then return end
  local holder, ends, said, value = string.match(claim, '^(%S+) (%S+) (%S+) (.*)$')
  if holder ~= dead then return end
  local last = now + ARGV[3]
  if ends == '-' or tonumber(ends) > last then ends, said = string.format('%.0f', last), '-' end
  claim = table.concat({ ARGV[1], ends, said, value }, ' ')
  redis.call('HSET', claims, place, claim)
  redis.call('SADD', KEYS[3], member)
  table.insert(orphans, { member, claim })
end

for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)) do
  local left = 0
  for _, kind in ipairs({ 'held:', 'handed:' }) do
    local set = ARGV[5] .. kind .. dead
    local most = ARGV[4] - #orphans
    if most > 0 then
      for _, member in ipairs(redis.call('SPOP', set, most)) do handOver(dead, member) end
    end
    left = left + redis.call('SCARD', set)
  end
  -- With 0 it learns that it was held for dead, should it live after all.
  if left == 0 then
    redis.call('ZREM', KEYS[1], dead)
    redis.call('HDEL', KEYS[2], dead)
  else
    redis.call('ZADD', KEYS[1], 0, dead)
  end
end
return orphans
