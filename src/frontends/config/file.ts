import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { errors } from '../../base/errors.js'

export type Section = Record<string, unknown>

/**
 * The settings in a file, YAML or JSON (which is YAML too), not yet validated.
 * Throws CONFIG_UNREADABLE, or an AggregateError of one for each mistake.
 */
export function readConfigFile(path: string): Section {
  const document = parseDocument(readText(path), { prettyErrors: true })
  if (document.errors.length > 0) {
    throw new AggregateError(
      document.errors.map(({ message }) =>
        errors.CONFIG_UNREADABLE(path, firstLine(message)),
      ),
    )
  }
  const content: unknown = document.toJS() ?? {}
  if (!isSection(content)) {
    throw errors.CONFIG_UNREADABLE(path, 'expected settings, as in port: 4789')
  }
  return content
}

/** What and where; the lines after it draw the place in the file. */
function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/:$/, '') ?? message
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw errors.CONFIG_UNREADABLE(path, (error as Error).message)
  }
}

export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
