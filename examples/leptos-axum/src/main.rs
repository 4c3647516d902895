//! The server: renders the page, serves its wasm, and passes what the box asks on to the gateway, which keeps the key.
//!
//! PORT is where it listens (3000), GATEWAY what keeps the key (http://127.0.0.1:8080), SITE the folder that scripts/leptos makes.

use std::{env, error::Error};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use leptos::prelude::LeptosOptions;
use sendapi_pairing::ui::stylesheet;
use sendapi_pairing_leptos_axum::shell;
use tower_http::services::ServeDir;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let gateway = setting("GATEWAY", "http://127.0.0.1:8080");
    let gateway = gateway.trim_end_matches('/').to_owned();
    let site = setting("SITE", "target/leptos/site");
    // Where Leptos is not given its routes, as here, it is not told either whose tasks it is to use.
    any_spawner::Executor::init_tokio()?;
    let options = LeptosOptions::builder().output_name("app").build();

    let client = Client::builder(TokioExecutor::new()).build_http();
    let forward = move |request| pass_on(client.clone(), gateway.clone(), request);
    let page = leptos_axum::render_app_to_stream(move || shell(options.clone()));
    let app = Router::new()
        .route("/", get(page))
        .route(
            "/sendapi-pairing.css",
            get(|| async { ([(CONTENT_TYPE, "text/css")], stylesheet()) }),
        )
        .route("/api/whatsapp/{*rest}", any(forward))
        .nest_service("/pkg", ServeDir::new(site));

    let port = setting("PORT", "3000").parse()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// The same request to the gateway: this is where your server would ask who is signed in.
async fn pass_on(
    client: Client<HttpConnector, Body>,
    gateway: String,
    mut request: Request,
) -> Result<Response, StatusCode> {
    let uri = format!("{gateway}{}", request.uri());
    *request.uri_mut() = uri.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    let answer = client.request(request).await;
    answer
        .map(IntoResponse::into_response)
        .map_err(|_| StatusCode::BAD_GATEWAY)
}
