import { stringify } from 'yaml'
import type { Config } from '../../base/config.js'

/** The settings as a config file would have them, without the store's password. */
export function renderConfig(config: Config): string {
  const { store, ...rest } = config
  return stringify({
    ...(store !== undefined && { store: maskPassword(store) }),
    ...rest,
  })
}

/**
 * Not through `URL`: Sentinel and Cluster URLs list several hosts, which it
 * refuses. The last `@` before the path ends the password.
 */
export function maskPassword(url: string): string {
  return url
    .replace(/^([a-z0-9+.-]+:\/\/[^:/@]*):[^/]*@/i, '$1:***@')
    .replaceAll(/([?&][^=&]*password=)[^&]*/gi, '$1***')
}
