/**
 * Fences are milliseconds of the store's clock, not 1, 2, 3: a fence from
 * before the store lost its data can then never equal one from after.
 */
export const register = `
local now = millis()
local lease, left = lease_of(request.host)
if lease and lease.owner ~= request.owner then
  local hold = lease.address == request.address and 0 or request.holdMs
  if left > -hold then return { 'taken', lease.address } end
end
local highest = tonumber(redis.call('HGET', prefix .. 'fences', request.host) or 0)
local fence = math.max(now, highest + 1)
redis.call('HSET', prefix .. 'fences', request.host, digits(fence))
set_lease(request.host, {
  fence = fence, owner = request.owner, address = request.address,
  ttl = request.ttlMs, expires = now + request.ttlMs
})
return { 'ok', fence }
`

export const renew = `
local lease = held(request.lease)
if not lease then return { 'fenced' } end
lease.ttl, lease.expires = request.ttlMs, millis() + request.ttlMs
set_lease(request.lease.host, lease)
return { 'ok' }
`

export const release = `
if held(request.lease) then
  redis.call('HDEL', prefix .. 'leases', request.lease.host)
end
return { 'ok' }
`

export const leases = `
local stored = redis.call('HGETALL', prefix .. 'leases')
local rows = {}
for i = 1, #stored, 2 do
  local lease, left = read_lease(stored[i], stored[i + 1])
  rows[#rows + 1] = { stored[i], lease.fence, lease.owner, lease.address, left }
end
return rows
`
