import test from 'ava'
import {
  OvertapError,
  errorCodes,
  errors,
  isOvertapError,
} from '../../../src/base/errors.js'

test('an error says what happened, what to do, and its facts as data', (t) => {
  const error = errors.NETWORK_IN_USE('ov_net1', [
    { endpoint: 'bbox1', host: 'host2' },
  ])
  t.true(error instanceof OvertapError)
  t.is(error.code, 'NETWORK_IN_USE')
  t.is(error.status, 409)
  t.is(error.message, 'network ov_net1 has active endpoints: bbox1 (host2)')
  t.regex(error.remedy, /overtap network disconnect ov_net1 TARGET/)
  t.deepEqual(error.details, {
    holders: [{ endpoint: 'bbox1', host: 'host2' }],
  })
})

test('an error without facts beyond its message has no details', (t) => {
  t.is(errors.STORE_CONFLICT('network/1').details, undefined)
})

test('every code is listed once, in capitals', (t) => {
  t.deepEqual([...new Set(errorCodes)], [...errorCodes])
  t.deepEqual(
    errorCodes.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code)),
    [],
  )
})

test('errors are told apart by their code', (t) => {
  const error: unknown = errors.STORE_CONFLICT('network/1')
  t.true(isOvertapError(error))
  t.true(isOvertapError(error, 'STORE_FENCED', 'STORE_CONFLICT'))
  t.false(isOvertapError(error, 'STORE_FENCED'))
  t.false(isOvertapError(new Error('STORE_CONFLICT')))
})
