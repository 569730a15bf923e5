import { LinuxBridges } from './bridge.js'
import { LinuxFirewall } from './firewall.js'
import { SocketDnsClient } from './dns-client.js'
import { hostId } from './host-id.js'
import { hostnameOf } from './hostname.js'
import { LinuxHostPorts } from './host-ports.js'
import { LinuxNameServers } from './host-name-servers.js'
import { LinuxLinks } from './link.js'
import { LinuxNamespaces } from './netns.js'
import { LinuxResolvConf } from './resolv-conf.js'
import { LinuxRoutes } from './routes.js'
import { run } from './run.js'
import { notifySystemd } from './sd-notify.js'
import { LinuxSysctls } from './sysctls.js'
import { LinuxUdpFlows } from './udp-flows.js'
import type { System } from './system.js'

/** The host this process runs on. */
export function linuxSystem(): System {
  return {
    namespaces: new LinuxNamespaces(),
    links: new LinuxLinks(run),
    routes: new LinuxRoutes(run),
    resolvConf: new LinuxResolvConf(),
    ports: new LinuxHostPorts(run),
    bridges: new LinuxBridges(run),
    firewall: new LinuxFirewall(run),
    sysctls: new LinuxSysctls(),
    nameServers: new LinuxNameServers(),
    dns: new SocketDnsClient(),
    udpFlows: new LinuxUdpFlows(run),
    notify: (state) => notifySystemd(run, state),
    hostname: hostnameOf(run),
    hostId,
  }
}
