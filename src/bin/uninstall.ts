import { uninstallGateway } from '../node/gateway/uninstall.js'
import { linuxSystem } from '../system/linux-system.js'
import { requirePrivileges } from './privileges.js'

/** `overtap uninstall` on the host this process runs on. */
export function uninstallFromHost(): Promise<readonly string[]> {
  requirePrivileges()
  return uninstallGateway(linuxSystem())
}
