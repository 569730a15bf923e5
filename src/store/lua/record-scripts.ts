export const commit = `
if fenced(request.lease) then return { 'fenced' } end
for _, guard in ipairs(request.guards) do
  if guard.empty then
    if redis.call('EXISTS', prefix .. 'c:' .. guard.empty) == 1 then
      return { 'conflict', guard.empty }
    end
  elseif version(guard.key) ~= guard.version then
    return { 'conflict', guard.key }
  end
end
if #request.changes == 0 then
  local head = head()
  return { 'ok', tonumber(head[2]), head[1], head[3] }
end
return { 'ok', write(request.changes) }
`

export const claimFirst = `
if fenced(request.lease) then return { 'fenced' } end
for _, key in ipairs(request.keys) do
  if version(key) == cjson.null then
    return { 'ok', key, write({ { key, request.value } }) }
  end
end
return { 'none' }
`

export const snapshot = `
local function settles_in()
  local name = prefix .. 'head'
  local set = redis.call('HMGET', name, 'settleUntil', 'settleMs')
  if not set[1] then return 0 end
  local left, settled = time_left(tonumber(set[1]), tonumber(set[2]))
  if settled < tonumber(set[1]) then
    redis.call('HSET', name, 'settleUntil', digits(settled))
  end
  return math.max(0, left)
end

local head = head()
local collections = request.collections or redis.call('SMEMBERS', prefix .. 'collections')
local rows = {}
for _, collection in ipairs(collections) do
  rows[#rows + 1] = { collection, redis.call('HGETALL', prefix .. 'c:' .. collection) }
end
return { head[1], tonumber(head[2]), head[3], settles_in(), rows }
`

/**
 * Count and sum of versions of each collection. `recount` names collections
 * whose sum is added up anew: after somebody has edited the hash itself.
 */
export const digests = `
local function recount(collection)
  local stored = redis.call('HVALS', prefix .. 'c:' .. collection)
  if #stored == 0 then return forget_collection(collection) end
  local sum = 0
  for _, record in ipairs(stored) do sum = sum + string.match(record, '^%d+') end
  redis.call('HSET', prefix .. 'sums', collection, digits(sum))
end

local head = head()
for _, collection in ipairs(request.recount) do recount(collection) end
local sums = {}
local stored = redis.call('HGETALL', prefix .. 'sums')
for i = 1, #stored, 2 do sums[stored[i]] = tonumber(stored[i + 1]) end
local rows = {}
for _, collection in ipairs(redis.call('SMEMBERS', prefix .. 'collections')) do
  local count = redis.call('HLEN', prefix .. 'c:' .. collection)
  rows[#rows + 1] = { collection, count, sums[collection] or 0 }
end
return { head[1], tonumber(head[2]), rows }
`
