/** What an error says, as functions of the facts it is made from. */
export interface Template<A extends unknown[]> {
  readonly status: number
  readonly message: (...args: A) => string
  readonly remedy: (...args: A) => string
  readonly details?: (...args: A) => unknown
}

export function template<A extends unknown[]>(
  status: number,
  message: (...args: A) => string,
  remedy: (...args: A) => string,
  details: (...args: A) => unknown = () => undefined,
): Template<A> {
  return { status, message, remedy, details }
}
