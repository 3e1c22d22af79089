/** Sorted lines: few in memory, many in a temporary file. */
import { tmpdir } from 'node:os'
import { type UnnamedFile, unnamedFile } from './unnamed-file.ts'

export type SortedLine = {
  readonly at: number
  readonly id: string
  readonly text: string
}

type SpilledLines = {
  add(line: SortedLine): void
  sorted(): Iterable<SortedLine>
  /** Deletes the file; otherwise it disappears with the process. */
  close(): void
}

type Run = { from: number; to: number; last: Pick<SortedLine, 'at' | 'id'> }

/** In UTF-16 code units. */
const heldLength = 2 ** 19

const readLength = 2 ** 16

/**
 * Lines that mostly arrive in order make one run, whatever their number.
 * @param most text held before the file is started
 */
export const spilledLines = (most = heldLength): SpilledLines => {
  const runs: Run[] = []
  let held: SortedLine[] = []
  let length = 0
  let end = 0
  let file: UnnamedFile | undefined
  let isClosed = false

  const spill = (): void => {
    file ??= unnamedFile()
    held.sort(inOrder)
    const [first] = held
    const last = held.at(-1)
    if (!first || !last) return
    const from = end
    for (let at = 0; at < held.length; at += linesAtOnce) {
      end += file.add(Buffer.concat(held.slice(at, at + linesAtOnce).map(packed)))
    }
    const before = runs.at(-1)
    if (before && inOrder(before.last, first) <= 0) Object.assign(before, { to: end, last: placeOf(last) })
    else runs.push({ from, to: end, last: placeOf(last) })
    held = []
    length = 0
  }
  const assertOpen = (): void => {
    if (isClosed) throw new Error('the lines were given back already: ask for them before they are closed')
  }
  return {
    add: (line) => {
      assertOpen()
      held.push(line)
      length += line.text.length
      if (length > most) spill()
    },
    sorted: function* () {
      assertOpen()
      const rest = held.toSorted(inOrder)
      const opened = file
      if (opened === undefined) yield* rest
      else yield* merged([...runs.map((run) => linesIn(opened, run)), rest.values()])
    },
    close: () => {
      isClosed = true
      held = []
      file?.close()
      file = undefined
    },
  }
}

const linesAtOnce = 500

const placeOf = ({ at, id }: SortedLine): Run['last'] => ({ at, id })

const inOrder = (one: Run['last'], other: Run['last']): number =>
  one.at - other.at || (one.id === other.id ? 0 : one.id < other.id ? -1 : 1)

/** Bytes of the time and the lengths of id and text, which follow. */
const headLength = 16

const packed = ({ at, id, text }: SortedLine): Buffer => {
  const line = Buffer.allocUnsafe(headLength + Buffer.byteLength(id) + Buffer.byteLength(text))
  line.writeDoubleLE(at, 0)
  const idLength = line.write(id, headLength)
  line.writeUInt32LE(idLength, 8)
  line.writeUInt32LE(line.write(text, headLength + idLength), 12)
  return line
}

/** Reuses one buffer: discarded ones would stay in memory until collected. */
const linesIn = function* (file: UnnamedFile, { from, to }: Run): Generator<SortedLine> {
  let buffer = Buffer.allocUnsafeSlow(readLength)
  let [begin, end] = [0, 0]
  for (let next = from; next < to || begin < end;) {
    const held = buffer.subarray(begin, end)
    const needed = neededFor(held)
    if (needed > held.length) {
      const larger = needed > buffer.length ? Buffer.allocUnsafeSlow(needed) : buffer
      held.copy(larger)
      buffer = larger
      const read = file.read(
        next,
        buffer.subarray(held.length, held.length + Math.min(to - next, buffer.length - held.length)),
      )
      if (read === 0) throw new Error(`a temporary file ended ${to - next} bytes early: is ${tmpdir()} full?`)
      begin = 0
      end = held.length + read
      next += read
      continue
    }
    const idEnd = headLength + held.readUInt32LE(8)
    yield {
      at: held.readDoubleLE(0),
      id: held.toString('utf8', headLength, idEnd),
      text: held.toString('utf8', idEnd, needed),
    }
    begin += needed
  }
}

const neededFor = (bytes: Buffer): number =>
  bytes.length < headLength ? headLength : headLength + bytes.readUInt32LE(8) + bytes.readUInt32LE(12)

const merged = function* (streams: readonly Iterator<SortedLine>[]): Generator<SortedLine> {
  const heads = streams.map((stream) => ({ stream, next: stream.next() }))
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const head of heads) {
      if (head.next.done) continue
      if (!first || first.next.done || inOrder(head.next.value, first.next.value) < 0) first = head
    }
    if (!first || first.next.done) return
    yield first.next.value
    first.next = first.stream.next()
  }
}
