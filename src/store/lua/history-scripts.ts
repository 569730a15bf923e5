/**
 * How the store stands to a position that somebody remembers: `ok` with the
 * stamp of that revision, `compacted` when the log no longer reaches back to
 * it, `replaced` when it is certain that the history is another one.
 */
const relation = `
local function relation(known)
  local head = redis.call('HMGET', prefix .. 'head', 'epoch', 'revision', 'stamp')
  if head[1] ~= known.epoch then return 'replaced' end
  local revision, stamp = tonumber(head[2]), head[3]
  if revision < known.revision then return 'replaced' end
  if revision > known.revision then
    local id = digits(known.revision + 1) .. '-0'
    local following = redis.call('XRANGE', prefix .. 'log', id, id)[1]
    if not following then return 'compacted' end
    stamp = following[2][4]
  end
  if known.stamp and known.stamp ~= stamp then return 'replaced' end
  return 'ok', stamp
end
`

/** Of the last of several positions in one history. */
export const position = `
${relation}
local outcome, stamp
for _, known in ipairs(request.known) do
  outcome, stamp = relation(known)
  if outcome == 'replaced' then break end
end
return { outcome, stamp }
`

/** Epochs whose loss was declared are remembered: who comes late changes nothing. */
export const declareLoss = `
${relation}
local function renew(revision)
  local leap = math.max(revision, tonumber(head()[2])) + request.leap
  redis.call('DEL', prefix .. 'log')
  redis.call('HSET', prefix .. 'head', 'epoch', ARGV[1], 'revision', digits(leap),
    'stamp', digits(micros()))
end

for _, known in ipairs(request.known) do
  local past = redis.call('SISMEMBER', prefix .. 'past', known.epoch) == 1
  if not past and relation(known) == 'replaced' then
    if head()[1] == known.epoch then renew(known.revision) end
    redis.call('SADD', prefix .. 'past', known.epoch)
    redis.call('HSET', prefix .. 'head', 'settleMs', request.settleMs,
      'settleUntil', digits(millis() + request.settleMs))
  end
end
return { 'ok' }
`
