import { isOvertapError } from '../../base/errors.js'
import type { Namespace, Namespaces } from '../../system/system.js'

/** What a path leads to now; null when it leads to no namespace. */
export async function namespaceAt(
  namespaces: Namespaces,
  path: string,
): Promise<Namespace | null> {
  try {
    return await namespaces.resolve(path)
  } catch (error) {
    if (isOvertapError(error, 'NAMESPACE_NOT_FOUND', 'NAMESPACE_INVALID'))
      return null
    throw error
  }
}
