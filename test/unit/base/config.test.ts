import test from 'ava'
import { configSchema } from '../../../src/base/config.js'
import { settings } from '../../../src/frontends/config/settings.js'

function accepts(input: object): boolean {
  return configSchema.safeParse(input).success
}

test('numbers may come as text, as they do from flags', (t) => {
  t.is(configSchema.parse({ port: '4790' }).port, 4790)
})

test('limits are inclusive', (t) => {
  t.true(accepts({ port: 1 }) && accepts({ port: 65535 }))
  t.false(accepts({ port: 0 }) || accepts({ port: 65536 }))
  t.true(accepts({ firstVni: 0xffffff }))
  t.false(accepts({ firstVni: 0x1000000 }))
})

test('a lease must survive one renewal that is lost', (t) => {
  t.true(accepts({ lease: { ttl: 2000, renew: 1000 } }))
  t.false(accepts({ lease: { ttl: 2000, renew: 1001 } }))
})

test('who takes Docker for overlay networks serves as its driver', (t) => {
  const compatSocket = '/run/overtap/docker.sock'
  t.true(accepts({ docker: { driver: true, compatSocket } }))
  t.false(accepts({ docker: { compatSocket } }))
})

test('strangers are refused', (t) => {
  t.false(accepts({ prot: 1 }))
  t.false(accepts({ lease: { tll: 1 } }))
})

test('every setting can be explained', (t) => {
  const keys = Object.keys(configSchema.shape)
  const explained = settings.map(({ key }) => key)
  t.deepEqual(
    keys.filter((key) => !explained.includes(key)),
    [],
  )
})
