import { createHash, randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Includes the PID namespace: each container has its own. */
const machineHere = (): string => {
  let processes = ''
  try {
    processes = readlinkSync('/proc/self/ns/pid')
  } catch {
    // Not Linux: the machine has a single PID namespace.
  }
  return createHash('sha256').update(`${hostname()}\n${processes}`).digest('hex').slice(0, 8)
}

export const newRun = (): string => `${process.pid}-${machineHere()}-${randomBytes(4).toString('hex')}`

const runForm = /^(?<pid>[1-9]\d*)-(?<machine>[0-9a-f]{8})-[0-9a-f]{8}$/

/** False for other machines and reused process ids. */
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
