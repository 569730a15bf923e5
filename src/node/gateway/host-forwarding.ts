import type { Sysctls } from '../../system/system.js'

/**
 * Makes the host a router, as Docker does. Such a one does not listen to other
 * routers unless told to (accept_ra 2, kernel Documentation/networking/
 * ip-sysctl.rst): an interface that has its default route from one keeps it.
 */
export async function enableForwarding(
  sysctls: Sysctls,
  v6: boolean,
): Promise<void> {
  if ((await sysctls.get('net.ipv4.ip_forward')) !== '1') {
    await sysctls.set('net.ipv4.ip_forward', '1')
  }
  if (!v6) return
  const forwarding = 'net.ipv6.conf.all.forwarding'
  if ((await sysctls.get(forwarding)) === '1') return
  for (const device of await sysctls.list('net.ipv6.conf')) {
    const name = `net/ipv6/conf/${device}/accept_ra`
    if ((await sysctls.get(name)) === '1') await sysctls.set(name, '2')
  }
  await sysctls.set(forwarding, '1')
}
