import { template } from './template.js'

/** What can go wrong with `overtap bench`. */
export const benchErrors = {
  BENCH_UNAVAILABLE: template(
    500,
    (problem: string) => `the load generator cannot be started: ${problem}`,
    () => 'build it with: npm run build:native',
  ),
  BENCH_ADDRESS_UNUSABLE: template(
    400,
    (address: string, port: number, problem: string) =>
      `cannot serve load at ${address} port ${port}: ${problem}`,
    () =>
      'give an address of this host or of the --netns, and a port that is free: --listen ADDRESS --port N',
  ),
  BENCH_SERVER_UNREACHABLE: template(
    503,
    (address: string, port: number, problem: string) =>
      `no bench server answers at ${address} port ${port}: ${problem}`,
    (address: string, port: number) =>
      `start one there: overtap bench server --listen ${address} --port ${port}`,
    (address: string, port: number) => ({ address, port }),
  ),
  BENCH_REFUSED: template(
    403,
    (address: string, problem: string) => `${address}: ${problem}`,
    () => 'start that server with this host among its --allow ADDRESS',
    (address: string) => ({ address }),
  ),
  BENCH_FAILED: template(
    500,
    (address: string, problem: string) =>
      `measuring ${address} failed: ${problem}`,
    () =>
      'look at what the bench server there says; docs/interfaces/cli.md has its limits',
    (address: string) => ({ address }),
  ),
}
