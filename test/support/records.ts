import type { MemoryBackend } from '../../src/store/memory-backend.js'

/**
 * Keys of the addresses somebody has: in the store, and not given back. Those
 * in quarantine are nobody's.
 */
export function heldAddresses(backend: MemoryBackend): string[] {
  return addresses(backend)
    .filter(({ released }) => !released)
    .map(({ key }) => key)
}

/** Those in quarantine, without their networks. */
export function releasedAddresses(backend: MemoryBackend): string[] {
  return addresses(backend)
    .filter(({ released }) => released)
    .map(({ key }) => key.slice(key.lastIndexOf('/') + 1))
}

/** Keys of all endpoints, and of the addresses somebody has. */
export function heldRecords(backend: MemoryBackend): string[] {
  const endpoints = backend
    .snapshot()
    .entries.map(({ key }) => key)
    .filter((key) => key.startsWith('endpoint/'))
  return [...endpoints, ...heldAddresses(backend)]
}

function addresses(
  backend: MemoryBackend,
): { readonly key: string; readonly released: boolean }[] {
  return backend
    .snapshot()
    .entries.filter(({ key }) => key.startsWith('address/'))
    .map(({ key, value }) => ({
      key,
      released: Object.hasOwn(value as object, 'released'),
    }))
}

/** `<host> <network's name, or the key of its record where that is gone>`. */
export function memberships(backend: MemoryBackend): string[] {
  const { entries } = backend.snapshot()
  const names = new Map(
    entries.map(({ key, value }) => [key, (value as { name?: string }).name]),
  )
  return entries
    .filter(({ key }) => key.startsWith('member/'))
    .map(({ key }) => {
      const [, host = '', network = ''] = key.split('/')
      return `${host} ${names.get(`network/${network}`) ?? network}`
    })
    .sort()
}
