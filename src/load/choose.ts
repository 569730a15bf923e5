/** Those of `all` that a list `a,b` names, in their own order; Error for one there is not. */
export function choose<T extends { readonly name: string }>(
  all: readonly T[],
  list: string,
): readonly T[] {
  const names = list.split(',')
  const unknown = names.find((name) => !all.some((one) => one.name === name))
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ')
    throw new Error(`there is no ${unknown}; there are: ${known}`)
  }
  return all.filter(({ name }) => names.includes(name))
}
