-- Remembers how far places have come, and never goes back: what is behind the mark that stands there changes nothing. Answers how
-- many were raised.
--
-- KEYS  the places, as many as are said
-- ARGV  1 how long a mark is remembered, in milliseconds; then for each place its mark, as `<epoch>.<at>`
--
-- Numbers are whole and below 2^53, which Lua carries exactly. What is no mark counts as none.
local parse = function(mark)
  local epoch, at = string.match(mark or '', '^(%d+)%.(%d+)$')
  return tonumber(epoch) or -1, tonumber(at) or -1
end

local raised = 0
for index, key in ipairs(KEYS) do
  local epoch, at = parse(ARGV[index + 1])
  local known = redis.pcall('GET', key)
  local knownEpoch, knownAt = parse(type(known) == 'string' and known or nil)
  if epoch > knownEpoch or (epoch == knownEpoch and at > knownAt) then
    redis.call('SET', key, ARGV[index + 1], 'PX', ARGV[1])
    raised = raised + 1
  end
end
return raised
