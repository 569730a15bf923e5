/**
 * `npm run bench`: measures overtap beside what else there is.
 * `npm run bench -- NAME`: measures something else, see below.
 */
import { interrupted } from '../test/lab/live.js'

type Bench = (args: readonly string[]) => Promise<void>

const benches: Readonly<Record<string, Bench>> = {
  ruler: async (args) => (await import('./ruler/ruler.js')).ruler(args),
  claims: async () => (await import('./claims/claims.js')).claims(),
  micro: async (args) => (await import('./micro/micro.js')).micro(args),
  dns: async () => (await import('./dns/dns.js')).dns(),
  failover: async () => (await import('./failover/failover.js')).failover(),
  scale: async () => (await import('./scale/scale.js')).scale(),
}

const [first = '', ...rest] = process.argv.slice(2)
const named = first !== '' && !first.startsWith('-')
const bench = benches[named ? first : 'ruler']

if (!bench) {
  const known = Object.keys(benches).join(', ')
  console.error(`no bench ${first}; there are: ${known}`)
  process.exitCode = 2
} else {
  try {
    await bench(named ? rest : process.argv.slice(2))
  } catch (error) {
    if (!interrupted.aborted) console.error(error)
    process.exitCode = 1
  }
}
