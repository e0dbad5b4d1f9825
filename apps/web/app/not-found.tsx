import styles from './plain.module.css';

export default function NotFound() {
  return (
    <main className={styles.page}>
      <h1>There is no page here</h1>
      <p>The address may be mistyped, or the page was moved.</p>
      <a href="/">To the start</a>
    </main>
  );
}
