import test from 'ava'
import { Serialised } from '../../../src/base/serialised.js'

/** A promise that the test fulfils or breaks itself. */
function deferred() {
  let open = (): void => undefined
  let fail = (): void => undefined
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = () => {
      reject(new Error('broken'))
    }
  })
  return { promise, open, fail }
}

test('tasks of one key wait for each other, also after a failure', async (t) => {
  const serialised = new Serialised()
  const [first, order] = [deferred(), [] as string[]]

  const one = serialised.run('a', () => first.promise)
  const two = serialised.run('a', () => Promise.resolve(order.push('two')))
  const three = serialised.run('a', () => Promise.resolve(order.push('three')))
  await Promise.resolve()
  t.deepEqual(order, [])
  first.fail()

  await t.throwsAsync(one, { message: 'broken' })
  await Promise.all([two, three])
  t.deepEqual(order, ['two', 'three'])
})

test('tasks of other keys do not wait', async (t) => {
  const serialised = new Serialised()
  const slow = deferred()
  const one = serialised.run('a', () => slow.promise)

  t.is(await serialised.run('b', () => Promise.resolve(7)), 7)

  slow.open()
  await one
})
