import test from 'ava'
import type {
  AddNameBody,
  RemoveNameBody,
} from '../../../../src/frontends/api/dns-schema.js'
import { overtap } from './captured.js'

test('dns ls shows names and what they lead to', async (t) => {
  const { stdout, code } = await overtap(['dns', 'ls'])
  t.is(code, 0)
  t.regex(stdout, /^NAME +NETWORK +KIND +ADDRESSES +HOST$/m)
  t.regex(stdout, /^db +ov_net1 +record +192\.0\.2\.7, 2001:db8::7$/m)
})

test('dns ls speaks JSON', async (t) => {
  const { stdout } = await overtap(['--json', 'dns', 'ls'])
  const [name] = JSON.parse(stdout) as unknown[]
  t.like(name, { Name: 'db', Kind: 'record', Network: 'ov_net1', Host: '' })
})

test('dns add and rm say what they were told to do', async (t) => {
  const asked: [string, AddNameBody | RemoveNameBody][] = []
  const client = {
    addName: (network: string, body: AddNameBody) => {
      asked.push([network, body])
      return Promise.resolve({
        ...{ Name: 'db', Network: 'ov_net1', NetworkID: 'a1' },
        ...{ Kind: 'record' as const, Addresses: ['192.0.2.7'], Host: '' },
      })
    },
    removeName: (network: string, body: RemoveNameBody) => {
      asked.push([network, body])
      return Promise.resolve(null)
    },
  }
  const words = ['ov_net1', 'db', '192.0.2.7', '::7']
  t.is((await overtap(['dns', 'add', ...words], client)).stdout, 'db\n')
  t.is((await overtap(['dns', 'rm', ...words.slice(0, 2)], client)).code, 0)
  t.deepEqual(asked, [
    ['ov_net1', { Name: 'db', Addresses: ['192.0.2.7', '::7'] }],
    ['ov_net1', { Name: 'db', Addresses: [] }],
  ])
})

test('dns lookup shows answers, reasons and who is left out', async (t) => {
  const { stdout } = await overtap(['dns', 'lookup', 'web', '--from', 'bbox1'])
  t.is(
    stdout,
    'NAME   TYPE   TTL   DATA\n' +
      'web    A      5     10.0.0.2\n' +
      'A: NOERROR, ov_net1 has it\n' +
      'left out: bbox2.ov_net1, as host3 may be gone\n',
  )
})

test('dns flush tells how much was forgotten', async (t) => {
  const { stdout } = await overtap(['dns', 'flush'])
  t.is(stdout, '3 answers forgotten\n')
})
