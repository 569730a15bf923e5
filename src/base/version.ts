import { readFileSync } from 'node:fs'

/**
 * The version of this package. package.json is read, not imported: compiled
 * code lives in `dist/`, and an import would copy the file there.
 */
export const version: string = readVersion()

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url)
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return manifest.version
}
