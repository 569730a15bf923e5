import type { LogFields, Logger } from '../../src/base/log.js'

export interface LogLine extends LogFields {
  readonly level: keyof Logger
  readonly message: string
}

/** Keeps what was logged instead of printing it. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = []

  readonly debug = this.#writer('debug')
  readonly info = this.#writer('info')
  readonly warn = this.#writer('warn')
  readonly error = this.#writer('error')

  messages(level: keyof Logger): string[] {
    return this.lines
      .filter((line) => line.level === level)
      .map(({ message }) => message)
  }

  #writer(level: keyof Logger) {
    return (fields: LogFields, message: string): void => {
      this.lines.push({ ...fields, level, message })
    }
  }
}
