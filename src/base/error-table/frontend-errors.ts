import { template } from './template.js'

/** What can go wrong between a user and the daemon. */
export const frontendErrors = {
  // -- configuration --
  CONFIG_INVALID: template<[field: string, problem: string, remedy?: string]>(
    400,
    (field, problem) => `configuration: ${field}: ${problem}`,
    (field, _, remedy) =>
      remedy ??
      `correct ${field} in the config file, the flag or the environment, then try: overtapd --check-config`,
    (field, problem) => ({ field, problem }),
  ),
  CONFIG_UNREADABLE: template(
    400,
    (path: string, problem: string) =>
      `configuration: cannot read ${path}: ${problem}`,
    (path: string) => `check that ${path} exists and holds YAML or JSON`,
  ),
  PRIVILEGES_MISSING: template(
    403,
    (capabilities: readonly string[]) =>
      `overtapd may not change this host's network: it lacks ${capabilities.join(', ')}`,
    () =>
      'run overtapd as root (sudo overtapd), or in a container with --privileged --network host --pid host',
    (capabilities: readonly string[]) => ({ capabilities }),
  ),

  // -- command line --
  USAGE: template<[problem: string, remedy: string]>(
    400,
    (problem) => problem,
    (_, remedy) => remedy,
  ),
  DAEMON_NOT_RUNNING: template(
    503,
    (socket: string) => `overtapd is not running at ${socket}`,
    () =>
      'start it (overtapd), or say where its socket is: --socket PATH or OVERTAP_SOCKET',
  ),
  DAEMON_RUNNING: template(
    409,
    () => 'overtapd is running: it would make again what is removed',
    () => 'stop it first (systemctl stop overtapd), or add --force',
  ),
  DAEMON_UNREACHABLE: template(
    503,
    (socket: string, problem: string) =>
      `overtapd at ${socket} does not answer: ${problem}`,
    () =>
      'check that this user may use the socket (sudo), and read the log of the daemon',
  ),

  // -- HTTP API --
  REQUEST_INVALID: template(
    400,
    (problems: readonly { field: string; problem: string }[]) =>
      `invalid request: ${problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ')}`,
    () => 'correct the fields named; docs/interfaces/api.md lists them',
    (problems: readonly { field: string; problem: string }[]) => problems,
  ),
  ROUTE_UNKNOWN: template(
    404,
    (method: string, path: string) => `there is no ${method} ${path}`,
    () => 'docs/interfaces/api.md lists what there is',
  ),
  INTERNAL: template(
    500,
    (id: string) => `something went wrong inside overtapd (error ${id})`,
    (id: string) => `find ${id} in the log of the daemon and report it`,
  ),
  SOCKET_IN_USE: template<[path: string, flag?: string]>(
    409,
    (path) => `a daemon is already listening on ${path}`,
    (_, flag = '--socket') =>
      `stop the other daemon, or give this one another: ${flag} PATH`,
  ),
  SOCKET_UNUSABLE: template<[path: string, problem: string, flag?: string]>(
    400,
    (path, problem) => `cannot listen on ${path}: ${problem}`,
    (_path, _problem, flag = '--socket') =>
      `give the daemon a path that is free and writable: ${flag} PATH`,
  ),
}
