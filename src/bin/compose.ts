import { basename, join } from 'node:path'
import type { Config } from '../base/config.js'
import type { Logger } from '../base/log.js'
import { NativeEngine } from '../engine/native-engine.js'
import { FileJournal } from '../journal/file-journal.js'
import { ApiServer } from '../frontends/api/server.js'
import { DockerAgent } from '../frontends/docker/agent/agent.js'
import { DockerSocket } from '../frontends/docker/agent/docker-api.js'
import { CompatServer } from '../frontends/docker/compat/server.js'
import { PluginServer } from '../frontends/docker/plugin/server.js'
import { Lifecycle, stage } from '../node/lifecycle.js'
import type { Stage } from '../node/lifecycle.js'
import { createNode } from '../node/node.js'
import type { Node } from '../node/node.js'
import { vtepText } from '../net/vtep.js'
import { EmbeddedRedis } from '../store/embedded-redis.js'
import { RedisStore } from '../store/redis-store.js'
import { linuxSystem } from '../system/linux-system.js'

export interface Daemon {
  /** Resolves when everything works; when it rejects, nothing is left running. */
  start(): Promise<void>
  /** Rejects with CLEANUP_INCOMPLETE when something could not be undone. */
  stop(): Promise<void>
}

/** Puts a daemon together; `announce` gets its one line when it is ready. */
export async function composeDaemon(
  config: Config,
  logger: Logger,
  announce: (line: string) => void,
): Promise<Daemon> {
  const { socket, cluster } = config
  const system = linuxSystem()
  const redis =
    config.store === undefined
      ? new EmbeddedRedis({ directory: join(config.state, 'redis'), logger })
      : undefined
  const url = config.store ?? redis?.url ?? ''
  const node = await createNode({
    config,
    store: new RedisStore({ url, cluster }),
    engine: (options) => new NativeEngine(options),
    system,
    journal: new FileJournal({
      path: join(config.state, 'journal'),
      cluster,
      host: config.host,
      logger,
    }),
    logger,
  })
  const agent = dockerAgent(config, node, logger)
  const docker = () => agent?.status()
  const api = new ApiServer({ node, docker, socket, log: logger })
  const plugin = config.docker.driver
    ? new PluginServer({
        node,
        socket: config.docker.pluginSocket,
        log: logger,
      })
    : undefined
  const compat = compatServer(config, node, logger)
  const readiness: Stage = {
    name: 'readiness',
    start: () => {
      announce(readyLine(node, socket))
      return system.notify('ready')
    },
    stop: () => system.notify('stopping'),
  }
  return new Lifecycle(
    [
      ...(redis ? [stage('redis-server', redis)] : []),
      ...(plugin ? [stage('Docker plugin', plugin)] : []),
      stage('node', node),
      ...(plugin ? [admission(plugin)] : []),
      ...(agent ? [stage('Docker agent', agent)] : []),
      ...(compat ? [stage('Docker compatibility', compat)] : []),
      stage('API', api),
      readiness,
    ],
    logger,
  )
}

function dockerAgent(
  { docker }: Config,
  node: Node,
  log: Logger,
): DockerAgent | undefined {
  if (!docker.driver) return undefined
  return new DockerAgent({
    docker: new DockerSocket(docker.socket),
    node,
    driver: driverName(docker),
    log,
  })
}

function compatServer(
  { docker }: Config,
  node: Node,
  log: Logger,
): CompatServer | undefined {
  const { compatSocket: socket } = docker
  if (socket === undefined) return undefined
  const driver = driverName(docker)
  return new CompatServer({ node, socket, docker: docker.socket, driver, log })
}

/** What Docker calls us. */
function driverName({ pluginSocket }: Config['docker']): string {
  return basename(pluginSocket, '.sock')
}

/** dockerd finds the plugin while the daemon starts; it is served after that. */
function admission(plugin: PluginServer): Stage {
  return {
    name: 'admission of Docker',
    start: () => {
      plugin.admit()
    },
    stop: () => plugin.dismiss(),
  }
}

/** Scripts wait for it and read it: its form is fixed. */
function readyLine(node: Node, socket: string): string {
  const { host, store, ...vtep } = node.status()
  return `overtapd ready: host=${host} vtep=${vtepText(vtep)} store=${store.description} socket=${socket}`
}
