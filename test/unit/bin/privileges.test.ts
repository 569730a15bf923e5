import { readFileSync } from 'node:fs'
import test from 'ava'
import { errors } from '../../../src/base/errors.js'
import { missingCapabilities } from '../../../src/bin/privileges.js'

const status = (effective: string): string =>
  `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${effective}\n`

test('root has all that is needed', (t) => {
  t.deepEqual(missingCapabilities(status('000001ffffffffff')), [])
})

test('a user lacks all of it', (t) => {
  t.deepEqual(missingCapabilities(status('0000000000000000')), [
    'CAP_NET_ADMIN',
    'CAP_SYS_ADMIN',
  ])
})

test("root in Docker's default container lacks what it takes", (t) => {
  t.deepEqual(missingCapabilities(status('00000000a80425fb')), [
    'CAP_NET_ADMIN',
    'CAP_SYS_ADMIN',
  ])
})

test('--cap-add NET_ADMIN is not enough', (t) => {
  t.deepEqual(missingCapabilities(status('00000000a80435fb')), [
    'CAP_SYS_ADMIN',
  ])
})

test('the status of this kernel is understood', (t) => {
  t.regex(
    readFileSync('/proc/self/status', 'utf8'),
    /^CapEff:\s*[0-9a-f]{16}$/m,
  )
})

test('the error names the capabilities and what to do', (t) => {
  const { message, remedy } = errors.PRIVILEGES_MISSING(['CAP_SYS_ADMIN'])
  t.is(
    message,
    "overtapd may not change this host's network: it lacks CAP_SYS_ADMIN",
  )
  t.regex(remedy, /sudo overtapd/)
})
