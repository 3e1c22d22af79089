/**
 * Runs commands of `vigie` one after the other in a process that has all of them loaded: a start of its own costs each
 * a third of a second, and more from a large process. What a command could leave to the next is put back, and one that
 * leaves something open is an error, since a process of its own would not end.
 */
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { main } from '../../bin/cli/main.ts'

/** What a command came to. */
export type Ran = {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export type Asked = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin?: string | Uint8Array
}

export type Answer = Ran & { readonly leftOpen: readonly string[] }

/** How long what a command began may take to end once the command has. */
const endingMs = 5_000

const answer = async ({ args, env, cwd, stdin }: Asked): Promise<Answer> => {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(cwd)
  process.exitCode = undefined
  Object.defineProperty(process, 'stdin', {
    value: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    configurable: true,
  })
  // The streams count as open themselves from here on.
  const [stdout, stderr] = [heard(process.stdout), heard(process.stderr)]
  const before = openHere()
  try {
    await main(args)
    const leftOpen = await stillOpen(before)
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text(), leftOpen }
  } finally {
    stdout.restore()
    stderr.restore()
  }
}

/** What keeps a process from ending, by name. */
const openHere = (): string[] => process.getActiveResourcesInfo().toSorted()

const stillOpen = async (before: readonly string[]): Promise<string[]> => {
  const until = performance.now() + endingMs
  for (;;) {
    const known = [...before]
    const added = openHere().filter((name) => {
      const at = known.indexOf(name)
      if (at !== -1) known.splice(at, 1)
      return at === -1
    })
    if (added.length === 0 || performance.now() > until) return added
    await pause(5, undefined, { ref: false })
  }
}

/** What is written to a stream from now on, in place of being written there. */
const heard = (stream: NodeJS.WriteStream) => {
  const parts: Buffer[] = []
  const { write } = stream
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    parts.push(Buffer.from(chunk as string))
    const called = typeof encoding === 'function' ? encoding : done
    if (typeof called === 'function') process.nextTick(called)
    return true
  }) as typeof write
  return {
    text: () => Buffer.concat(parts).toString(),
    restore: () => {
      stream.write = write
    },
  }
}

process.on('message', (asked: Asked) => {
  void answer(asked).then((told) => process.send?.(told))
})
process.on('disconnect', () => process.exit())
