-- Makes a claim, in place of what stood there, or drops one. Answers since when the process has had its lease: see touch-lease-2.lua;
-- the time; and all fields of the key as they were before. One that makes a claim has a lease again from now on, if it had lost it.
--
-- KEYS  1 when each lease ends (sorted set), 2 since when each process has one (hash), 3 the claims under one key (hash),
--       4 where each claim of this process is (set)
-- ARGV  1 the process, 2 how long a lease is good, 3 not after this: whoever asked has stopped waiting, and may have said
--       otherwise since, 4 how long it is remembered when something changed last under a key without claims,
--       5 the field in the hash, 6 the member of the set; and to make a claim:
--       7 when it runs out ('-': with the lease), 8 the same as it was said, by the clock of whoever said it, 9 its value.
--       All times are in milliseconds, and all but that one by the clock of Redis.
--
-- A claim is '<who holds it> <when it runs out, or -> <as it was said, or -> <value>'; in the field `changed` stands
-- '<when something changed last> <up to when running out has been counted>'.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[3]) then return redis.error_reply('LATE Nobody waits for this any more.') end
local text = function(number) return string.format('%.0f', number) end

local changed, countedTo, ranOut = 0, 0, {}
local held = nil
local found = redis.call('HGETALL', KEYS[3])
local answer = function() return { tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0'), now, found } end
for place = 1, #found, 2 do
  local field, claim = found[place], found[place + 1]
  if field == 'changed' then
    local at, to = string.match(claim, '^(%d+) (%d+)$')
    changed, countedTo = tonumber(at), tonumber(to)
  else
    local holder, ends = string.match(claim, '^(%S+) (%S+) ')
    local isOver = ends ~= '-' and tonumber(ends) <= now
    if isOver then table.insert(ranOut, tonumber(ends)) end
    if field == ARGV[5] then held = { holder = holder, isOver = isOver } end
  end
end

-- What ran out since the last change was a change itself, each at its time.
table.sort(ranOut)
for _, ends in ipairs(ranOut) do
  if ends > countedTo then changed = math.max(changed + 1, ends) end
end

if ARGV[7] then
  redis.call('HSET', KEYS[3], ARGV[5], table.concat({ ARGV[1], ARGV[7], ARGV[8], ARGV[9] }, ' '))
  redis.call('SADD', KEYS[4], ARGV[6])
  changed = math.max(changed + 1, now)
  -- Whoever speaks lives.
  local lease = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
  if lease == 0 then redis.call('HSET', KEYS[2], ARGV[1], text(now)) end
  if lease <= now then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
else
  redis.call('SREM', KEYS[4], ARGV[6])
  -- Dropped already, or of another one again.
  if not held or held.holder ~= ARGV[1] then return answer() end
  redis.call('HDEL', KEYS[3], ARGV[5])
  if not held.isOver then changed = math.max(changed + 1, now) end
end

redis.call('HSET', KEYS[3], 'changed', text(changed) .. ' ' .. text(now))
if redis.call('HLEN', KEYS[3]) > 1 then
  redis.call('PERSIST', KEYS[3])
else
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
end
return answer()
