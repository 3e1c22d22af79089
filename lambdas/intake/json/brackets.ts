/** Tracks open brackets by kind in broken JSON. */

/** Kinds are known to this depth; no valid record is as deep. */
const deepest = 1_000

export const openBrackets = () => {
  /** True for an object, by depth; `deeper` counts the levels below the known ones. */
  const open: boolean[] = []
  let objects = 0
  let arrays = 0
  let deeper = 0
  return {
    depth: (): number => objects + arrays + deeper,
    isInObject: (): boolean => deeper === 0 && open[objects + arrays - 1] === true,
    push: (isObject: boolean): void => {
      if (objects + arrays >= deepest) {
        deeper += 1
        return
      }
      open[objects + arrays] = isObject
      if (isObject) objects += 1
      else arrays += 1
    },
    /** Closes all inside it too; false where none is open. */
    close: (isObject: boolean): boolean => {
      if (deeper > 0) {
        deeper -= 1
        return true
      }
      if ((isObject ? objects : arrays) === 0) return false
      for (;;) {
        const found = open[objects + arrays - 1]
        if (found) objects -= 1
        else arrays -= 1
        if (found === isObject) return true
      }
    },
    clear: (): void => {
      objects = arrays = deeper = 0
    },
  }
}
