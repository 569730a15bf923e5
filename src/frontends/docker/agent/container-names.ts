import type { DriverEndpointNames } from '../../../node/driver/use-cases.js'
import type { DockerContainer } from './schema.js'

/** By what names a container is to be found at one of its endpoints. */
export interface NamedEndpoint {
  readonly endpoint: string
  readonly names: DriverEndpointNames
}

/** A container's endpoints on networks of Docker that are ours. */
export function namedEndpoints(
  container: DockerContainer,
  isOurs: (dockerId: string) => boolean,
): readonly NamedEndpoint[] {
  const { Id, Name, Config, NetworkSettings } = container
  const name = Name.replace(/^\//, '')
  const hostname = Config.Hostname
  return Object.values(NetworkSettings.Networks)
    .filter(({ NetworkID, EndpointID }) => EndpointID && isOurs(NetworkID))
    .map(({ EndpointID, Aliases }) => ({
      endpoint: EndpointID,
      names: {
        name,
        aliases: aliases(Aliases, name, Id),
        ...(hostname !== '' && hostname !== name && { hostname }),
        container: Id,
      },
    }))
}

/** Docker before 25 has the short id among them. */
function aliases(
  given: readonly string[],
  name: string,
  container: string,
): string[] {
  const others = given.filter(
    (alias) => alias !== name && alias !== container.slice(0, 12),
  )
  return [...new Set(others)]
}
