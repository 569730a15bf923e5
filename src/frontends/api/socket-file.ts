import { once } from 'node:events'
import { lstat, mkdir, unlink } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'
import { errors } from '../../base/errors.js'

/** Longest path of a unix socket: `sun_path` of unix(7) without its final 0. */
const maxPathBytes = 107

/**
 * Makes `path` free to listen on: creates its directory and removes the socket
 * of a daemon that is gone. What somebody listens on, and what is no socket,
 * stays, and the daemon is told so; `flag` is by which it is given another.
 */
export async function claimSocketFile(
  path: string,
  flag?: string,
): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw errors.SOCKET_UNUSABLE(
      path,
      `the path is longer than ${maxPathBytes} bytes`,
      flag,
    )
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    await removeStale(path, flag)
  } catch (error) {
    throw socketError(path, error, flag)
  }
}

async function removeStale(path: string, flag?: string): Promise<void> {
  const stats = await lstat(path).catch(ignoreAbsence)
  if (!stats) return
  if (!stats.isSocket()) {
    throw errors.SOCKET_UNUSABLE(
      path,
      'a file that is no socket is there',
      flag,
    )
  }
  if (await isListening(path)) throw errors.SOCKET_IN_USE(path, flag)
  await unlink(path).catch(ignoreAbsence)
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** A refused connection is the only proof that nobody listens any more. */
async function isListening(path: string): Promise<boolean> {
  const probe = createConnection(path)
  try {
    await once(probe, 'connect')
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code !== 'ECONNREFUSED' && code !== 'ENOENT'
  } finally {
    probe.destroy()
  }
}

/** Names the path in a system error; errors that do already stay as they are. */
export function socketError(
  path: string,
  error: unknown,
  flag?: string,
): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return errors.SOCKET_IN_USE(path, flag)
  const isSystemError = code !== undefined && /^E[A-Z]+$/.test(code)
  return isSystemError ? errors.SOCKET_UNUSABLE(path, message, flag) : error
}
