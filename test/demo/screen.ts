import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const interactive = process.stdout.isTTY

/** Coloured where somebody looks at it. */
export function styled(style: Style, text: string): string {
  return interactive ? styleText(style, text) : text
}

/** Shows that something goes on until it is done. */
export async function busy<T>(title: string, work: Promise<T>): Promise<T> {
  if (!interactive) {
    if (title !== '') console.log(`${title} ...`)
    return work
  }
  let tick = 0
  const timer = setInterval(() => {
    const frame = frames[tick++ % frames.length] ?? ''
    process.stdout.write(`\r${styled('cyan', frame)} ${title}`)
  }, 80)
  try {
    return await work
  } finally {
    clearInterval(timer)
    process.stdout.write('\r\u001b[K')
  }
}

export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}
