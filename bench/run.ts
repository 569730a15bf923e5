/** `npm run bench -- NAME...`: measures and prints; without names, throughput. */
import { cpus, release } from 'node:os'

const benches: Readonly<Record<string, () => Promise<void>>> = {
  throughput: async () => (await import('./throughput.js')).throughput(),
  claims: async () => (await import('./claims/claims.js')).claims(),
  failover: async () => (await import('./failover/failover.js')).failover(),
  scale: async () => (await import('./scale/scale.js')).scale(),
}

const names = process.argv.slice(2)
const chosen = (names.length > 0 ? names : ['throughput']).map((name) => {
  const bench = benches[name]
  if (bench) return bench
  const known = Object.keys(benches).join(', ')
  console.error(`no bench ${name}; there are: ${known}`)
  process.exit(2)
})

console.log(
  `Linux ${release()}, ${cpus().length} CPUs (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`,
)
for (const bench of chosen) await bench()
