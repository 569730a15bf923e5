/**
 * One Lua script per call of the store contract; none knows what a network or
 * an address is. Values pass through as opaque JSON text: cjson would turn an
 * empty array into an object.
 *
 * Every script takes KEYS[1], the prefix of the cluster's keys, ARGV[1], the
 * epoch to begin with if the store is empty, and ARGV[2], the request as JSON.
 * They build key names from the prefix, which Redis Cluster allows because the
 * prefix holds the hash tag: every name built lies in the slot of KEYS[1].
 * TIME before a write is fine too, as effects and not scripts are replicated
 * (Redis 5 and later).
 */
export const prelude = `
local prefix = KEYS[1]
local request = cjson.decode(ARGV[2])

local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function millis()
  return math.floor(micros() / 1000)
end

-- Lua prints large numbers as 1.7e+15 by itself.
local function digits(number)
  return string.format('%.0f', number)
end

-- epoch, revision, stamp. Without a head nothing else counts: a log that
-- outlived it would refuse the first revisions.
local function head()
  local head = redis.call('HMGET', prefix .. 'head', 'epoch', 'revision', 'stamp')
  if head[1] then return head end
  redis.call('DEL', prefix .. 'log')
  redis.call('HSET', prefix .. 'head', 'epoch', ARGV[1], 'revision', 0, 'stamp', '0')
  return { ARGV[1], '0', '0' }
end

local function collection_and_id(key)
  return string.match(key, '^(.+)/([^/]+)$')
end

-- Revision that last wrote the key; cjson.null when it does not exist.
local function version(key)
  local collection, id = collection_and_id(key)
  local stored = redis.call('HGET', prefix .. 'c:' .. collection, id)
  return stored and tonumber(string.match(stored, '^%d+')) or cjson.null
end

-- The sum of versions of each collection is kept, because adding it up takes
-- too long for a store that everybody asks for it.
local function add_to_sum(collection, number)
  redis.call('HINCRBY', prefix .. 'sums', collection, digits(number))
end

local function forget_collection(collection)
  redis.call('SREM', prefix .. 'collections', collection)
  redis.call('HDEL', prefix .. 'sums', collection)
end

-- Returns what the log says of it: {key, json, version before} for a put,
-- {key, false, record before} for a delete; the last is false if there was none.
local function apply(change, revision)
  local key, json = change[1], change[2]
  local collection, id = collection_and_id(key)
  local hash = prefix .. 'c:' .. collection
  local before = redis.call('HGET', hash, id)
  local replaced = before and tonumber(string.match(before, '^%d+'))
  if replaced then add_to_sum(collection, -replaced) end
  if json then
    redis.call('HSET', hash, id, digits(revision) .. ' ' .. json)
    redis.call('SADD', prefix .. 'collections', collection)
    add_to_sum(collection, revision)
    return { key, json, replaced }
  end
  redis.call('HDEL', hash, id)
  if redis.call('EXISTS', hash) == 0 then forget_collection(collection) end
  return { key, false, before }
end

-- Changes are {key, json} to put and {key} to delete. Each log entry carries
-- the stamp of the one before: who follows the log can prove that an entry
-- continues what it has seen, even when the store was emptied or fell back to
-- an older state and has counted past the same revision again.
local function write(changes)
  local epoch, _, previous = unpack(head())
  local revision = redis.call('HINCRBY', prefix .. 'head', 'revision', 1)
  for i, change in ipairs(changes) do changes[i] = apply(change, revision) end
  local stamp = digits(micros())
  redis.call('HSET', prefix .. 'head', 'stamp', stamp)
  redis.call('XADD', prefix .. 'log', 'MAXLEN', '~', request.keep, digits(revision) .. '-0',
    'stamp', stamp, 'prev', previous, 'changes', cjson.encode(changes))
  return revision, epoch, stamp
end

local function set_lease(host, lease)
  redis.call('HSET', prefix .. 'leases', host, cjson.encode(lease))
end

-- Time left until a moment that was once so far away, and that moment. More can
-- be left only if the clock was set back meanwhile: then it begins anew.
local function time_left(moment, ttl)
  local now = millis()
  local until_then = math.min(moment, now + (ttl or math.huge))
  return until_then - now, until_then
end

local function read_lease(host, stored)
  local lease = cjson.decode(stored)
  local left, expires = time_left(lease.expires, lease.ttl)
  if expires < lease.expires then
    lease.expires = expires
    set_lease(host, lease)
  end
  return lease, left
end

local function lease_of(host)
  local stored = redis.call('HGET', prefix .. 'leases', host)
  if not stored then return false end
  return read_lease(host, stored)
end

-- The lease the token was given for, unless overtaken or given up since.
local function held(token)
  local lease = lease_of(token.host)
  return lease and lease.fence == token.fence and lease
end

local function fenced(token)
  if not token then return false end
  local lease = held(token)
  return not lease or lease.expires <= millis()
end
`
