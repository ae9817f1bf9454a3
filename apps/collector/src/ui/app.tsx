import { render } from "preact";
import { ClusteringPage } from "./clustering-page.tsx";
import { ComponentPage } from "./component-page.tsx";
import { ComponentsPage } from "./components-page.tsx";
import { GraphPage } from "./graph-page.tsx";
import { useRoute } from "./hooks.ts";
import { type Go, Link } from "./link.tsx";
import { PreviewPage } from "./preview-page.tsx";

const pages = [
  ["", "Components"],
  ["graph", "Graph"],
  ["preview", "Preview"],
  ["clustering", "Clustering"],
] as const;

function App() {
  const [path, go] = useRoute();
  return (
    <>
      <header>
        <Link to="" go={go}>
          <img src="icon.svg" alt="" />
          <strong>Invar</strong>
        </Link>
        <nav>
          {pages.map(([to, title]) => (
            <Link key={to} to={to} go={go} current={path === to || (to === "" && path.startsWith("component/"))}>
              {title}
            </Link>
          ))}
        </nav>
        <nav class="aside">
          <a href="metrics">metrics</a>
          <a href="-/healthy">health</a>
        </nav>
      </header>
      <main>
        <Page path={path} go={go} />
      </main>
    </>
  );
}

function Page({ path, go }: { path: string; go: Go }) {
  if (path === "") return <ComponentsPage go={go} />;
  if (path === "graph") return <GraphPage go={go} />;
  if (path === "preview") return <PreviewPage />;
  if (path === "clustering") return <ClusteringPage />;
  if (path.startsWith("component/")) return <ComponentPage id={path.slice("component/".length)} go={go} />;
  return <p class="notice">There is no page here. The components are on the first page.</p>;
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
