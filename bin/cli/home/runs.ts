/** Names of runs on this machine, by which it is known whether the process behind one lives. */
import { createHash, randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Where the numbers of processes mean the same: a container has its own. */
const machineHere = (): string => {
  let processes = ''
  try {
    processes = readlinkSync('/proc/self/ns/pid')
  } catch {
    // Not Linux: the machine has one list of processes.
  }
  return createHash('sha256').update(`${hostname()}\n${processes}`).digest('hex').slice(0, 8)
}

export const newRun = (): string => `${process.pid}-${machineHere()}-${randomBytes(4).toString('hex')}`

const runForm = /^(?<pid>[1-9]\d*)-(?<machine>[0-9a-f]{8})-[0-9a-f]{8}$/

/** Whether the process of a run is gone; false of another machine's, and where another process has its number now. */
export const isDeadRun = (run: string): boolean => {
  const { pid, machine } = runForm.exec(run)?.groups ?? {}
  if (pid === undefined || machine !== machineHere()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
