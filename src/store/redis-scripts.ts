import type { LeaseToken } from './store.js'

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
const prelude = `
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

local function apply(change, revision)
  local key, json = change[1], change[2]
  local collection, id = collection_and_id(key)
  local hash = prefix .. 'c:' .. collection
  if json then
    redis.call('HSET', hash, id, digits(revision) .. ' ' .. json)
    redis.call('SADD', prefix .. 'collections', collection)
    return
  end
  redis.call('HDEL', hash, id)
  if redis.call('EXISTS', hash) == 0 then
    redis.call('SREM', prefix .. 'collections', collection)
  end
end

-- Changes are {key, json} to put and {key} to delete. Each log entry carries
-- the stamp of the one before: who follows the log can prove that an entry
-- continues what it has seen, even when the store was emptied or fell back to
-- an older state and has counted past the same revision again.
local function write(changes)
  local previous = head()[3]
  local revision = redis.call('HINCRBY', prefix .. 'head', 'revision', 1)
  for _, change in ipairs(changes) do apply(change, revision) end
  local stamp = digits(micros())
  redis.call('HSET', prefix .. 'head', 'stamp', stamp)
  redis.call('XADD', prefix .. 'log', 'MAXLEN', '~', request.keep, digits(revision) .. '-0',
    'stamp', stamp, 'prev', previous, 'changes', cjson.encode(changes))
  return revision
end

local function lease_of(host)
  local stored = redis.call('HGET', prefix .. 'leases', host)
  return stored and cjson.decode(stored)
end

local function set_lease(host, lease)
  redis.call('HSET', prefix .. 'leases', host, cjson.encode(lease))
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

const commit = `
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
if #request.changes == 0 then return { 'ok', tonumber(head()[2]) } end
return { 'ok', write(request.changes) }
`

const claimFirst = `
if fenced(request.lease) then return { 'fenced' } end
for _, key in ipairs(request.keys) do
  if version(key) == cjson.null then
    return { 'ok', key, write({ { key, request.value } }) }
  end
end
return { 'none' }
`

const snapshot = `
local head = head()
local collections = request.collections or redis.call('SMEMBERS', prefix .. 'collections')
local rows = {}
for _, collection in ipairs(collections) do
  rows[#rows + 1] = { collection, redis.call('HGETALL', prefix .. 'c:' .. collection) }
end
return { head[1], tonumber(head[2]), rows }
`

/** Whether the log still continues after a revision, and that revision's stamp. */
const position = `
local head = redis.call('HMGET', prefix .. 'head', 'epoch', 'revision', 'stamp')
if head[1] ~= request.epoch then return { 'compacted' } end
local stamp = head[3]
if tonumber(head[2]) ~= request.revision then
  local id = digits(request.revision + 1) .. '-0'
  local following = redis.call('XRANGE', prefix .. 'log', id, id)[1]
  if not following then return { 'compacted' } end
  stamp = following[2][4]
end
if request.stamp and request.stamp ~= stamp then return { 'compacted' } end
return { 'ok', stamp }
`

/**
 * Fences are milliseconds of the store's clock, not 1, 2, 3: a fence from
 * before the store lost its data can then never equal one from after.
 */
const register = `
local now = millis()
local lease = lease_of(request.host)
if lease and lease.owner ~= request.owner and lease.expires > now then
  return { 'taken', lease.address }
end
local highest = tonumber(redis.call('HGET', prefix .. 'fences', request.host) or 0)
local fence = math.max(now, highest + 1)
redis.call('HSET', prefix .. 'fences', request.host, digits(fence))
set_lease(request.host, {
  fence = fence, owner = request.owner, address = request.address,
  expires = now + request.ttlMs
})
return { 'ok', fence }
`

const renew = `
local lease = held(request.lease)
if not lease then return { 'fenced' } end
lease.expires = millis() + request.ttlMs
set_lease(request.lease.host, lease)
return { 'ok' }
`

const release = `
if held(request.lease) then
  redis.call('HDEL', prefix .. 'leases', request.lease.host)
end
return { 'ok' }
`

const leases = `
local now = millis()
local stored = redis.call('HGETALL', prefix .. 'leases')
local rows = {}
for i = 1, #stored, 2 do
  local lease = cjson.decode(stored[i + 1])
  rows[#rows + 1] = { stored[i], lease.fence, lease.owner, lease.address, lease.expires - now }
end
return rows
`

/** A put is [key, JSON text], a delete [key]. */
export type ScriptChange = readonly [key: string, json?: string]

type Fenced = readonly ['fenced']

/** What each script is asked and what it answers. */
export interface ScriptCalls {
  commit: {
    request: {
      guards: readonly object[]
      changes: readonly ScriptChange[]
      lease: LeaseToken | undefined
      keep: number
    }
    reply: readonly ['ok', number] | readonly ['conflict', string] | Fenced
  }
  claimFirst: {
    request: {
      keys: readonly string[]
      value: string
      lease: LeaseToken | undefined
      keep: number
    }
    reply: readonly ['ok', string, number] | readonly ['none'] | Fenced
  }
  snapshot: {
    request: { collections: readonly string[] | undefined }
    /** Fields and values of each collection's hash alternate. */
    reply: readonly [
      epoch: string,
      revision: number,
      rows: readonly (readonly [collection: string, hash: string[]])[],
    ]
  }
  position: {
    request: { epoch: string; revision: number; stamp: string | undefined }
    reply: readonly ['ok', string] | readonly ['compacted']
  }
  register: {
    request: { host: string; owner: string; address: string; ttlMs: number }
    reply: readonly ['ok', number] | readonly ['taken', string]
  }
  renew: {
    request: { lease: LeaseToken; ttlMs: number }
    reply: readonly ['ok'] | Fenced
  }
  release: { request: { lease: LeaseToken }; reply: readonly ['ok'] }
  leases: {
    request: Record<string, never>
    reply: readonly (readonly [string, number, string, string, number])[]
  }
}

export type ScriptName = keyof ScriptCalls

const bodies: Readonly<Record<ScriptName, string>> = {
  commit,
  claimFirst,
  snapshot,
  position,
  register,
  renew,
  release,
  leases,
}

/** How ioredis calls a script: `client["overtap:commit"](prefix, ...)`. */
export function commandName(script: ScriptName): string {
  return `overtap:${script}`
}

/** For ioredis, which sends EVALSHA and, when Redis has forgotten it, EVAL. */
export const scriptCommands = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [
    commandName(name as ScriptName),
    { lua: prelude + body, numberOfKeys: 1 },
  ]),
)
