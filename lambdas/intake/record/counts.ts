/** Counts by names that files bring: one of an object's own properties is a name like any other. */
export const countsByName = () => {
  const counts: Record<string, number> = Object.create(null) as Record<string, number>
  return {
    counts,
    add: (name: string, count: number): void => {
      counts[name] = (counts[name] ?? 0) + count
    },
  }
}
