import { createConnection } from 'node:net'
import type { Socket } from 'node:net'

/**
 * Connects a client with Docker, byte for byte in both directions, until both
 * have ended. Either may end before the other, as `docker exec -i` does when
 * there is no more input. `onAway` has the client to itself when Docker cannot
 * be reached; nothing more was read from it by then.
 */
export function tunnel(
  client: Socket,
  first: Buffer,
  path: string,
  onAway: (error: Error) => void,
): void {
  const docker = createConnection({ path, allowHalfOpen: true })
  docker.once('error', onAway)
  docker.once('connect', () => {
    docker.off('error', onAway)
    // What breaks off on one side breaks off on the other.
    docker.once('error', () => client.destroy())
    docker.write(first)
    client.pipe(docker)
    docker.pipe(client)
  })
  client.once('close', () => {
    // Docker may not have read yet what a client sent that is content and gone.
    if (!client.readableEnded || !client.writableFinished) docker.destroy()
  })
}
