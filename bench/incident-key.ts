/** The n-th incident's id, of PagerDuty's form. */
export function incidentKey(n: number): string {
  return `Q${String(n).padStart(13, '0')}`;
}
